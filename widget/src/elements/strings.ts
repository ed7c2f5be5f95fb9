/** Every string the scripts show. English (British); the templates hold what is there before a script runs. */
export const strings = {
  mic: { on: 'Microphone', off: 'Muted', turnOn: 'Muted. Turn the microphone on', turnOff: 'Microphone on. Turn it off' },
  camera: { on: 'Camera', off: 'Camera off', turnOn: 'Camera off. Turn it on', turnOff: 'Camera on. Turn it off' },
  status: {
    connecting: 'Connecting…',
    connected: '',
    reconnecting: 'Reconnecting…',
    unreachable: 'Can’t reach the server that introduces people. We keep trying.',
  },
  join: 'Join',
  joining: 'Connecting…',
  brokerUnreachable: 'Can’t reach the server that introduces people. Check your connection, then press Join again.',
  nameMissing: 'Tell the others your name, so they know who joins.',
  copied: 'Link copied',
  copyFailed: 'Your browser didn’t let us copy. The link is in the address bar.',
  copyLink: 'Copy link',
  micOff: 'microphone off',
  youInChat: 'You',
  you: (name: string) => `${name} (you)`,
  chatWith: (unread: number) =>
    unread === 0 ? 'Chat' : unread === 1 ? 'Chat, 1 unread message' : `Chat, ${unread} unread messages`,
  chatEmpty: 'Messages go straight to the people here. They are gone when the call ends.',
  deviceProblem: {
    audio: {
      NotAllowedError: 'Your browser blocks the microphone for this page. Allow it beside the address, then try again.',
      NotFoundError: 'No microphone was found. Plug one in, then try again.',
      other: 'The microphone could not be started. Another program may be using it.',
    },
    video: {
      NotAllowedError: 'Your browser blocks the camera for this page. Allow it beside the address, then try again.',
      NotFoundError: 'No camera was found. Plug one in, then try again.',
      other: 'The camera could not be started. Another program may be using it.',
    },
  },
} as const
