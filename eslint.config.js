import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["**/dist/", "npm-package/wasm/", "e2e/results/", "target/"] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Text from the network is only ever text.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Use textContent." },
        { property: "outerHTML", message: "Use textContent." },
        { property: "insertAdjacentHTML", message: "Use insertAdjacentText." },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // How a declaration is merged into one of the platform's.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/no-extraneous-class": ["error", { allowEmpty: true }],
    },
  },
  {
    // Scripts that no tsconfig.json covers, and hosts, whose own tools check their types where they are installed.
    files: ["**/*.js", "**/*.mjs", "examples/**"],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
