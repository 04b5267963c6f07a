/** Processes that train one network together: who they are, sums over them, and what becomes of one that is lost. */
package org.attunet.ranks;
