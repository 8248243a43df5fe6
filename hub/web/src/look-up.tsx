import { useEffect, useRef, useState } from "preact/hooks";
import { guessKind, kinds, refang, type Kind } from "./kind.ts";
import { indicatorHash } from "./route.ts";

/** Type a value, its kind is guessed; Enter leads to what the hub knows of it. `/` comes here from anywhere. */
export function LookUp() {
  const [value, setValue] = useState("");
  const [chosen, setChosen] = useState<Kind | "">("");
  const field = useRef<HTMLInputElement>(null);
  const typed = refang(value);
  const kind = chosen || guessKind(typed);

  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || target?.closest("input, textarea, select")) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!typed) return field.current?.focus();
    location.hash = indicatorHash(kind, typed);
    field.current?.blur();
  };
  return (
    <form class="look-up" role="search" onSubmit={submit}>
      <input
        ref={field}
        type="search"
        aria-label="Look up an indicator"
        placeholder="Look up an IP, domain, URL, address, SHA-256 …"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        value={value}
        onInput={(event) => {
          setValue(event.currentTarget.value);
          setChosen("");
        }}
      />
      <select
        class={typed ? "" : "idle"}
        aria-label="Kind of indicator"
        value={typed ? kind : ""}
        onChange={(event) => setChosen(event.currentTarget.value as Kind)}
      >
        {!typed && <option value="">any kind</option>}
        {kinds.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button type="submit" class="primary">
        Look up
      </button>
    </form>
  );
}
