// How the element is described to editors.
export default {
  globs: ["src/element.ts"],
  outdir: "dist",
  plugins: [
    {
      name: "as-published",
      packageLinkPhase({ customElementsManifest }) {
        for (const module of customElementsManifest.modules) {
          module.path = module.path.replace(/^src\/(.*)\.ts$/, "dist/$1.js");
          // Not the types, which have declarations of their own.
          module.exports = module.exports?.filter(({ name }) => name === "ConnectWidgetElement");
          for (const { declaration } of module.exports ?? []) declaration.module = module.path;
          for (const declaration of module.declarations ?? []) {
            if (declaration.kind !== "class" || !declaration.attributes) continue;
            Object.assign(declaration, { customElement: true, tagName: "connect-widget" });
            const isShown = ({ name, privacy }) => privacy !== "private" && name !== "addEventListener" && !/Callback$/.test(name);
            declaration.members = declaration.members.filter(isShown);
            // What the analyzer makes of the one place that fires them all.
            declaration.events = declaration.events.filter(({ name }) => name !== "name");
          }
        }
      },
    },
  ],
};
