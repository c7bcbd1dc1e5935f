import { ApiError } from "../api";
import { el } from "../dom";
import { brand } from "../parts/brand";
import { explainShortly } from "../parts/notice";
import { navigate, ownPath } from "../router";
import { logIn } from "../session";

export function loginView(outlet: HTMLElement, _parameter: string, signal: AbortSignal): void {
  document.title = "Log in – Carrel";
  const name = field("username", "User name", "text", "username");
  const password = field("password", "Password", "password", "current-password");
  const trouble = el("p", { class: "form-trouble", role: "alert" });
  const button = el("button", { type: "submit", class: "button main" }, "Log in");
  const form = el("form", { class: "login", "aria-labelledby": "login-title" });
  form.append(el("h1", { id: "login-title" }, brand()), name.row, password.row, trouble, button);
  outlet.append(el("main", { class: "login-page" }, form));
  name.input.focus();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    trouble.textContent = "";
    try {
      await logIn(name.input.value, password.input.value);
      if (signal.aborted) return;
      navigate(ownPath(new URLSearchParams(location.search).get("next")), true);
    } catch (error) {
      trouble.textContent = explainShortly(error);
      if (error instanceof ApiError && error.status === 429 && error.retryAfter) {
        countDown(button, error.retryAfter, signal);
        return;
      }
      button.disabled = false;
      password.input.select();
    }
  });
}

/** Keeps the button shut for as long as the daemon would refuse anyhow. */
function countDown(button: HTMLButtonElement, seconds: number, signal: AbortSignal): void {
  let left = seconds;
  const tick = () => {
    button.textContent = left > 0 ? `Log in (in ${left} s)` : "Log in";
    button.disabled = left > 0;
    if (left-- <= 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  tick();
}

function field(name: string, label: string, type: string, autocomplete: string) {
  const input = el("input", {
    id: name,
    name,
    type,
    autocomplete,
    required: true,
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: "256",
  });
  return { input, row: el("div", { class: "field" }, el("label", { for: name }, label), input) };
}
