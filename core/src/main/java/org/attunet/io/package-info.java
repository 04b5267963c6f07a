/** Files to images and back, NumPy arrays, and files that are written whole or not at all. */
package org.attunet.io;
