import { connection } from "next/server";
import { Sources } from "./Sources";

export default async function Page() {
  await connection(); // CONNECT_URL is read when the page is asked for, not when it is built.
  return (
    <main>
      <h1>Sources</h1>
      <Sources apiUrl={process.env.CONNECT_URL ?? "http://127.0.0.1:8080"} />
    </main>
  );
}
