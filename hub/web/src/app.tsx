import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { visible } from "./foreign.tsx";
import { Home } from "./home.tsx";
import { IndicatorPage } from "./indicator-page.tsx";
import { LookUp } from "./look-up.tsx";
import { Mark } from "./mark.tsx";
import { ObservationDrawer } from "./observation-drawer.tsx";
import { hashOf, homeHash, parseRoute, type Route } from "./route.ts";
import { adoptToken, onSession, signOut, token } from "./session.ts";
import { SignIn } from "./sign-in.tsx";
import { Empty } from "./state.tsx";

export function App() {
  const [, changed] = useReducer((n: number) => n + 1, 0);
  useEffect(() => onSession(() => changed(undefined)), []);
  const route = useRoute();
  // An observation lies over the page that led to it, and closing it leads back there.
  const under = useRef<Route>({ at: "home" });
  if (route.at !== "observation") under.current = route;
  useEffect(() => {
    document.title = titleOf(route);
  }, [route]);
  if (!token()) return <SignIn />;
  return (
    <>
      <header class="top">
        <a class="brand" href={homeHash} aria-label="TIP hub, overview">
          <Mark />
          <span>
            TIP <small>hub</small>
          </span>
        </a>
        <LookUp />
        <nav>
          <a href="./docs/">API</a>
          <button type="button" class="quiet" onClick={() => signOut()}>
            Sign out
          </button>
        </nav>
      </header>
      <main>
        <View route={under.current} />
        {route.at === "observation" && <ObservationDrawer key={route.id} id={route.id} back={hashOf(under.current)} />}
      </main>
    </>
  );
}

function View({ route }: { route: Route }) {
  if (route.at === "indicator") return <IndicatorPage key={`${route.kind} ${route.value}`} {...route} />;
  if (route.at === "unknown")
    return (
      <section class="card">
        <Empty title="There is nothing here">
          <a href={homeHash}>Back to the overview</a>
        </Empty>
      </section>
    );
  return <Home />;
}

const titleOf = (route: Route): string => (route.at === "indicator" ? `${visible(route.value)} · TIP hub` : "TIP hub");

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => {
      adoptToken();
      setRoute(parseRoute(location.hash));
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
