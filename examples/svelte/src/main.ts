import { mount } from "svelte";
import Sources from "./Sources.svelte";

mount(Sources, { target: document.getElementById("app") ?? document.body });
