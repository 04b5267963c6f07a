/**
 * The objects of images as files: where data sets keep them, how they are read and written. Start with
 * {@link org.attunet.annotation.ObjectFiles}.
 */
@NullMarked
package org.attunet.annotation;

import org.jspecify.annotations.NullMarked;
