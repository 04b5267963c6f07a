/** Objects, each with a number of its own: how they are told apart, and measured. */
@NullMarked
package org.attunet.objects;

import org.jspecify.annotations.NullMarked;
