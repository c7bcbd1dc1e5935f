import { el } from "./dom";
import { startRouter } from "./router";
import { libraryView } from "./views/library";
import { loginView } from "./views/login";
import { watchView } from "./views/watch";

const app = document.getElementById("app") ?? document.body.appendChild(el("div", { id: "app" }));

startRouter(app, [
  { pattern: /^\/$/, view: libraryView },
  { pattern: /^\/login$/, view: loginView },
  { pattern: /^\/watch\/([0-9A-Za-z-]{1,64})$/, view: watchView },
]);
