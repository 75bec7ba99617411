// The API's documentation: Swagger UI over openapi.json. No request leaves this host.

/* global SwaggerUIBundle */

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#viewer",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    requestSnippetsEnabled: true,
    validatorUrl: null,
    queryConfigEnabled: false,
    // It can't take the long answers: colouring 10,000 buckets exhausts the browser's stack.
    syntaxHighlight: { activated: false },
});

// Its selects and text boxes have no names, for whoever listens to the page: they get those of what
// they hold.
const nameControls = () => {
    for (const select of document.querySelectorAll("#viewer select:not([aria-label])")) {
        const parameter = select.closest("tr")?.dataset.paramName;
        select.setAttribute("aria-label", parameter ?? (select.id === "servers" ? "Server" : "Media type"));
    }
    for (const text of document.querySelectorAll("#viewer textarea:not([aria-label])")) {
        text.setAttribute("aria-label", "Request body");
    }
};
new MutationObserver(nameControls).observe(document.getElementById("viewer"), {
    childList: true,
    subtree: true,
});
