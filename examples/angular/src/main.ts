import { bootstrapApplication } from "@angular/platform-browser";
import { Sources } from "./sources";

void bootstrapApplication(Sources);
