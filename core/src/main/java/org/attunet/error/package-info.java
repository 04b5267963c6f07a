/** Failures that a user can act on: each says where, what was found, what was expected and what to do. */
package org.attunet.error;
