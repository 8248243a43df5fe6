import { useEffect, useState } from "preact/hooks";
import { ApiError, get } from "./client.ts";

/** The state of something that is fetched again and again: what was last known stays while an error stands beside it. */
export interface Live<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** When the data came, ms since 1970. */
  readonly at: number;
}
const nothing = { data: undefined, error: undefined, at: 0 };

/**
 * Fetches a path now and every `seconds`; rests while the page is hidden, and looks at once when it is shown again.
 * A change of path begins anew; an error is retried at the same pace.
 */
export function useLive<T>(path: string, seconds = 5): Live<T> {
  const [state, setState] = useState<Live<T> & { path: string }>({ ...nothing, path });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const look = async (): Promise<void> => {
      if (busy) return;
      clearTimeout(timer);
      busy = true;
      try {
        const data = await get<T>(path, abort.signal);
        if (!abort.signal.aborted) setState({ path, data, error: undefined, at: Date.now() });
      } catch (error) {
        if (abort.signal.aborted) return;
        const told = error instanceof ApiError ? error : new ApiError(0, String(error));
        setState((before) => ({ ...(before.path === path ? before : { ...nothing, path }), error: told }));
      } finally {
        busy = false;
        if (!abort.signal.aborted && !document.hidden) timer = setTimeout(() => void look(), seconds * 1000);
      }
    };
    const shown = (): void => {
      if (document.hidden) clearTimeout(timer);
      else void look();
    };
    document.addEventListener("visibilitychange", shown);
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [path, seconds]);
  return state.path === path ? state : nothing;
}
