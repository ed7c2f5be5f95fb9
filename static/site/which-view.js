// Decides before the first paint whether this document is the landing page or a room: only a room has a fragment.
document.documentElement.dataset.view = location.hash.length > 1 ? 'room' : 'landing'
