/** Statistical comparison of models that were measured on the same cases. */
package org.attunet.compare;
