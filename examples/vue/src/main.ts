import { createApp } from "vue";
import Sources from "./Sources.vue";

createApp(Sources).mount("#app");
