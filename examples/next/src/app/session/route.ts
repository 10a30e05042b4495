/** A session token for the user who is signed in. A real host takes the user and their collection from its own login. */
export async function POST(): Promise<Response> {
  const { CONNECT_URL = "http://127.0.0.1:8080", CONNECT_API_KEY = "", COLLECTION = "acme" } = process.env;
  const answer = await fetch(`${CONNECT_URL}/connect/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": CONNECT_API_KEY },
    body: JSON.stringify({ readable_collection_id: COLLECTION }),
  });
  return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
}
