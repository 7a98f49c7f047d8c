// The preload: one pipe and nothing else. The page asks for its port, the main process sends one, and it is passed on into the page.
import { contextBridge, ipcRenderer } from 'electron';

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'tapedeck-port-wanted') ipcRenderer.send('tapedeck-port-wanted');
});
ipcRenderer.on('tapedeck-port', (event) =>
  window.postMessage('tapedeck-port', window.location.origin, [...event.ports]),
);
// Tells the page that it is in the desktop.
contextBridge.exposeInMainWorld('tapedeck', { host: 'desktop' });
