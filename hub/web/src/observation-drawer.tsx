import { useEffect, useRef } from "preact/hooks";
import { Foreign } from "./foreign.tsx";
import { useLive } from "./live.ts";
import { Detail } from "./observation-detail.tsx";
import { Loaded } from "./state.tsx";
import type { Observation } from "./wire.ts";

/** All that is held of one observation, beside the page that led to it. Escape closes it. */
export function ObservationDrawer({ id, back }: { id: string; back: string }) {
  const live = useLive<Observation>(`/observations/${encodeURIComponent(id)}`, 60);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    location.hash = back;
  };
  const outside = (event: MouseEvent): void => {
    if (event.target === dialog.current) close();
  };
  return (
    <dialog ref={dialog} class="drawer" aria-labelledby="drawer-title" onClose={close} onClick={outside}>
      <div class="drawer-body">
        <header>
          <h2 id="drawer-title">
            {live.data?.subject ? <Foreign text={live.data.subject} /> : live.data ? "(no subject)" : "Observation"}
          </h2>
          <button type="button" class="quiet" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <Loaded live={live} lines={12}>
          {(item) => <Detail item={item} />}
        </Loaded>
      </div>
    </dialog>
  );
}
