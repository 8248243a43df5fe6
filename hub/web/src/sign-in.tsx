import { useState } from "preact/hooks";
import { Mark } from "./mark.tsx";
import { refusal, signIn } from "./session.ts";

export function SignIn() {
  const [value, setValue] = useState("");
  const reason = refusal();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (value.trim()) signIn(value);
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <Mark />
        <h1>TIP hub</h1>
        <p class="muted">What spamtraps tell. Sign in with a token of this hub.</p>
        {reason && (
          <p class="notice bad" role="alert">
            {reason}
          </p>
        )}
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="eyJ…"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={!value.trim()}>
          Sign in
        </button>
        <p class="muted small">
          On the hub: <code>tip-hub token create NAME</code>
        </p>
      </form>
    </main>
  );
}
