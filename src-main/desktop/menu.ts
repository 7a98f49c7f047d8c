// The native menu and the few native questions, in English and Korean.
import { Menu, type MenuItemConstructorOptions } from 'electron';

const english = {
  file: 'File',
  openData: 'Open data folder',
  openExports: 'Open exports',
  quit: 'Quit Tapedeck',
  edit: 'Edit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  selectAll: 'Select all',
  view: 'View',
  reload: 'Reload screen',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  actualSize: 'Actual size',
  fullScreen: 'Full screen',
  developer: 'Developer tools',
  stopTitle: 'Stop recording?',
  stopText: 'Closing the window ends Tapedeck. What is traded until it runs again is not recorded.',
  stop: 'Stop and quit',
  stay: 'Keep recording',
  failed: 'Tapedeck cannot start',
};
export type Words = typeof english;

const korean: Words = {
  file: '파일',
  openData: '데이터 폴더 열기',
  openExports: '내보내기 폴더 열기',
  quit: 'Tapedeck 종료',
  edit: '편집',
  undo: '실행 취소',
  redo: '다시 실행',
  cut: '잘라내기',
  copy: '복사',
  paste: '붙여넣기',
  selectAll: '모두 선택',
  view: '보기',
  reload: '화면 새로 고침',
  zoomIn: '확대',
  zoomOut: '축소',
  actualSize: '실제 크기',
  fullScreen: '전체 화면',
  developer: '개발자 도구',
  stopTitle: '기록을 중지할까요?',
  stopText: '창을 닫으면 Tapedeck이 종료됩니다. 다시 실행할 때까지의 체결은 기록되지 않습니다.',
  stop: '중지하고 종료',
  stay: '계속 기록',
  failed: 'Tapedeck을 시작할 수 없습니다',
};

/** By a locale such as "ko" or "en-GB". */
export function wordsOf(locale: string): Words {
  return locale.toLowerCase().startsWith('ko') ? korean : english;
}

export interface MenuActions {
  openData(): void;
  openExports(): void;
}

export function setMenu(words: Words, actions: MenuActions, packaged: boolean): void {
  const template: MenuItemConstructorOptions[] = [
    {
      label: words.file,
      submenu: [
        { label: words.openData, accelerator: 'CmdOrCtrl+Shift+D', click: () => actions.openData() },
        { label: words.openExports, accelerator: 'CmdOrCtrl+Shift+E', click: () => actions.openExports() },
        { type: 'separator' },
        { label: words.quit, role: 'quit' },
      ],
    },
    {
      label: words.edit,
      submenu: [
        { label: words.undo, role: 'undo' },
        { label: words.redo, role: 'redo' },
        { type: 'separator' },
        { label: words.cut, role: 'cut' },
        { label: words.copy, role: 'copy' },
        { label: words.paste, role: 'paste' },
        { label: words.selectAll, role: 'selectAll' },
      ],
    },
    {
      label: words.view,
      submenu: [
        { label: words.reload, role: 'reload' },
        { type: 'separator' },
        { label: words.zoomIn, role: 'zoomIn' },
        { label: words.zoomOut, role: 'zoomOut' },
        { label: words.actualSize, role: 'resetZoom' },
        { label: words.fullScreen, role: 'togglefullscreen' },
        ...(packaged ? [] : [{ label: words.developer, role: 'toggleDevTools' } as const]),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
