/** The page of the API: swagger-ui from our own origin, working without any other. */

import styles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };

export type PageFile =
  | { readonly type: string; readonly path: string }
  | { readonly type: string; readonly text: string };

const INDEX = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>seqr API</title>
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`;

const START = `window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

const FILES: Readonly<Record<string, PageFile>> = {
  "index.html": { type: "text/html; charset=utf-8", text: INDEX },
  "start.js": { type: "text/javascript; charset=utf-8", text: START },
  "swagger-ui.css": { type: "text/css; charset=utf-8", path: styles },
  "swagger-ui-bundle.js": { type: "text/javascript; charset=utf-8", path: bundle },
};

export function swaggerFile(name: string): PageFile | undefined {
  return Object.hasOwn(FILES, name) ? FILES[name] : undefined;
}
