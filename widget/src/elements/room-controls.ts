/** The control bar shows what is on by fill, icon and name; the copy buttons say that they did. */
import type { CallState } from '../engine/call.ts'
import { byId } from './dom.ts'
import { strings } from './strings.ts'

export const showControls = (state: CallState): void => {
  showControl('microphone', state.isMicOn, strings.mic, 'loud', 'mic')
  showControl('camera', state.isCameraOn, strings.camera, 'off', 'cam')
}

interface Words {
  readonly on: string
  readonly off: string
  readonly turnOn: string
  readonly turnOff: string
}

const showControl = (id: string, isOn: boolean, words: Words, offClass: string, iconName: string): void => {
  const button = byId(id, HTMLButtonElement)
  button.classList.toggle(offClass, !isOn)
  button.setAttribute('aria-label', isOn ? words.turnOff : words.turnOn)
  const word = button.querySelector('[data-word]')
  if (word) word.textContent = isOn ? words.on : words.off
  button.querySelector('use')?.setAttribute('href', `#i-${iconName}${isOn ? '' : '-off'}`)
}

/** How long a button says that it copied. */
const COPIED_MS = 2_000

export const bindCopyButtons = (): void => {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    const word = button.querySelector('span')
    button.addEventListener('click', async () => {
      if (!word) return
      try {
        await navigator.clipboard.writeText(location.href)
        word.textContent = strings.copied
      } catch {
        word.textContent = strings.copyFailed // the browser, not we, decides who may write to the clipboard
      }
      setTimeout(() => {
        word.textContent = strings.copyLink
      }, COPIED_MS)
    })
  }
}
