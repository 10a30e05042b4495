import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Sources } from "./Sources";

createRoot(document.getElementById("app") ?? document.body).render(
  <StrictMode>
    <Sources />
  </StrictMode>,
);
