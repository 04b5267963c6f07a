/** Statistical comparison of networks measured on the same cases, and its folder of runs. */
package org.attunet.compare;
