import "connect-widget";

const widget = document.querySelector("connect-widget");
const news = document.querySelector("#news");
if (!widget || !news) throw new Error("the page has no widget");

widget.getSessionToken = async () => {
  const answer = await fetch("/session", { method: "POST" });
  return (await answer.json()).session_token;
};

widget.addEventListener("sync-complete", ({ detail: { progress } }) => {
  const { inserted, updated, kept, skipped } = progress;
  news.textContent = `${(inserted + updated + kept + skipped).toLocaleString("en")} items are ready to search.`;
});
