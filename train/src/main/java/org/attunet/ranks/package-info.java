/** Processes that train one network together: their numbers, sums over them, and the handling of lost ones. */
package org.attunet.ranks;
