/** Image, array, JSON and YAML files, and atomic writes. */
package org.attunet.io;
