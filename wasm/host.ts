/** Functions of the host, so that poles have the bits that the reference gives them. */
export declare function exp(x: f64): f64;
export declare function cos(x: f64): f64;
export declare function sin(x: f64): f64;
