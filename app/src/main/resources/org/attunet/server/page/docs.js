// Swagger UI over the server's own description. Without a validator: nothing is asked of another server.
globalThis.SwaggerUIBundle({
  url: '/openapi.yaml',
  dom_id: '#swagger-ui',
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
});
