// What keeps the failure of one panel from taking the page: rail, status bar and the other panels go on, and the panel says what happened.
import { Component, type ReactNode } from 'react';
import { useText } from '../i18n/text.ts';
import { Button, EmptyState } from '../parts/controls.tsx';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly failure: string | null;
}

/** Catches what a panel throws while it is drawn, also that its code could not be fetched. Give it the panel's id as key. */
export class PanelBoundary extends Component<Props, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(error: unknown): State {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    return failure === null ? this.props.children : <PanelFailed failure={failure} onAgain={this.#again} />;
  }

  readonly #again = (): void => this.setState({ failure: null });
}

function PanelFailed({ failure, onAgain }: { failure: string; onAgain(): void }) {
  const words = useText().shell.panelFailed;
  return (
    <main id="panel" tabIndex={-1} className="panel" aria-label={words.title} role="alert" data-testid="panel-failed">
      <h1 className="unseen">{words.title}</h1>
      <EmptyState title={words.title} text={words.what}>
        <p className="note-screen-code">
          <code>{failure}</code>
        </p>
        <p className="note-screen-buttons">
          <Button small onClick={onAgain}>
            {words.again}
          </Button>{' '}
          <Button small kind="primary" testId="panel-reload" onClick={() => window.location.reload()}>
            {words.reload}
          </Button>
        </p>
      </EmptyState>
    </main>
  );
}
