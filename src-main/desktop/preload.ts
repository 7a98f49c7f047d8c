// The preload: two pipes and nothing else, to the recorder that is shown and to the desktop itself. The page asks for a port, the main process
// sends one, and it is passed on into the page.
import { contextBridge, ipcRenderer } from 'electron';

for (const pipe of ['tapedeck-port', 'tapedeck-desktop']) {
  window.addEventListener('message', (event) => {
    if (event.source === window && event.data === `${pipe}-wanted`) ipcRenderer.send(`${pipe}-wanted`);
  });
  ipcRenderer.on(pipe, (event) => window.postMessage(pipe, window.location.origin, [...event.ports]));
}
// Tells the page that it is in the desktop.
contextBridge.exposeInMainWorld('tapedeck', { host: 'desktop' });
