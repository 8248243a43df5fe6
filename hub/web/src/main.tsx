import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style/base.css";
import "./style/page.css";
import "./style/parts.css";
import { App } from "./app.tsx";
import { adoptToken } from "./session.ts";

adoptToken();
const root = document.getElementById("app");
if (root) render(<App />, root);
