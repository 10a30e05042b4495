import "/connect-widget/index.js";

const widget = document.querySelector("connect-widget");
const news = document.querySelector("#news");

// The widget asks for a session token when it starts, and again when the one in use has expired.
widget.getSessionToken = async () => {
  const answer = await fetch("/session", { method: "POST" });
  if (!answer.ok) throw new Error(`no session: ${answer.status}`);
  return (await answer.json()).session_token;
};

// Only ever textContent: a worker's message is text from the network.
widget.addEventListener("sync-complete", ({ detail: { progress } }) => {
  const { inserted, updated, kept, skipped, status } = progress;
  const count = (inserted + updated + kept + skipped).toLocaleString("en");
  news.textContent = status === "cancelled" ? "A sync was cancelled." : `${count} items are ready to search.`;
});
widget.addEventListener("sync-error", ({ detail: { message } }) => {
  news.textContent = `A sync needs your attention: ${message}`;
});
widget.addEventListener("connect-error", ({ detail: { cause, message } }) => {
  console.warn(`connect-widget could not start (${cause}): ${message}`);
});
