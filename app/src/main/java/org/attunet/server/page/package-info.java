/** The pages for a browser: the viewer at {@code /}, its sample images, and the API documentation at {@code /docs}. */
@NullMarked
package org.attunet.server.page;

import org.jspecify.annotations.NullMarked;
