// A dialog over Base UI: focus is caught and given back, Escape closes.
import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode, RefObject } from 'react';

export function Modal(props: {
  readonly open: boolean;
  readonly title: string;
  readonly text?: string;
  readonly className?: string;
  readonly titleUnseen?: boolean;
  readonly testId?: string;
  readonly initialFocus?: RefObject<HTMLElement | null>;
  onClose(): void;
  readonly children: ReactNode;
}) {
  return (
    <Dialog.Root
      open={props.open}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className={`dialog ${props.className ?? ''}`}
          data-testid={props.testId}
          {...(props.initialFocus ? { initialFocus: props.initialFocus } : {})}
        >
          <Dialog.Title className={props.titleUnseen ? 'unseen' : 'dialog-title'}>{props.title}</Dialog.Title>
          {props.text && <Dialog.Description className="dialog-text">{props.text}</Dialog.Description>}
          {props.children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
