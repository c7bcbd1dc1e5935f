import { defineConfig } from "vite";

// `npm run dev` serves the page with reload and passes everything else on to a running daemon.
const daemon = "http://127.0.0.1:8080";

export default defineConfig({
  server: {
    host: "127.0.0.1",
    // changeOrigin stays off: the daemon compares Origin with Host to refuse cross-site requests.
    proxy: { "/api": { target: daemon }, "/stream": { target: daemon } },
  },
  // Scripts find one another from where they are, wherever a proxy puts the page; index.html the daemon mends.
  experimental: { renderBuiltUrl: (name, { hostType }) => (hostType === "html" ? `/${name}` : { relative: true }) },
  build: {
    target: "es2021",
    // A data: URL would need its own permission in the content security policy.
    assetsInlineLimit: 0,
    // hls.js is one chunk of about 600 kB and loaded only by the player.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
});
