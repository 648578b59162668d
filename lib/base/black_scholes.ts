/**
 * Black–Scholes with r = q = 0: price, delta, gamma and implied volatility of European options.
 *
 * Source: Black & Scholes (1973); the normal distribution after G. West, "Better approximations to cumulative
 * normal functions", Wilmott (2005), double precision.
 *
 * @module
 */

/** Standard normal density. */
export function normalPdf(x: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * x * x);
}

/** Standard normal distribution function, absolute error below 1e-15. */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  if (z > 37) return x > 0 ? 1 : 0;
  const e = Math.exp(-z * z / 2);
  let tail: number;
  if (z < 7.07106781186547) {
    let top = 3.52624965998911e-2 * z + 0.700383064443688;
    top = top * z + 6.37396220353165;
    top = top * z + 33.912866078383;
    top = top * z + 112.079291497871;
    top = top * z + 221.213596169931;
    top = top * z + 220.206867912376;
    let bottom = 8.83883476483184e-2 * z + 1.75566716318264;
    bottom = bottom * z + 16.064177579207;
    bottom = bottom * z + 86.7807322029461;
    bottom = bottom * z + 296.564248779674;
    bottom = bottom * z + 637.333633378831;
    bottom = bottom * z + 793.826512519948;
    bottom = bottom * z + 440.413735824752;
    tail = e * top / bottom;
  } else {
    tail = e / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / 2.506628274631;
  }
  return x > 0 ? 1 - tail : tail;
}

function d1(spot: number, strike: number, years: number, vol: number): number {
  const sd = vol * Math.sqrt(years);
  return Math.log(spot / strike) / sd + sd / 2;
}

/**
 * Price of a European option.
 *
 * @param isCall True for a call, false for a put.
 * @param spot Underlying price, dollars.
 * @param strike Strike, dollars.
 * @param years Time to expiry, years, > 0.
 * @param vol Volatility per √year, > 0.
 */
export function optionPrice(
  isCall: boolean,
  spot: number,
  strike: number,
  years: number,
  vol: number,
): number {
  const a = d1(spot, strike, years, vol), b = a - vol * Math.sqrt(years);
  return isCall ? spot * normalCdf(a) - strike * normalCdf(b) : strike * normalCdf(-b) - spot * normalCdf(-a);
}

/** Delta of a European option: change of its price per dollar of the underlying. Arguments as {@linkcode optionPrice}. */
export function optionDelta(
  isCall: boolean,
  spot: number,
  strike: number,
  years: number,
  vol: number,
): number {
  const up = normalCdf(d1(spot, strike, years, vol));
  return isCall ? up : up - 1;
}

/** Gamma of a call or a put: change of delta per dollar. Arguments as {@linkcode optionPrice}. */
export function optionGamma(spot: number, strike: number, years: number, vol: number): number {
  return normalPdf(d1(spot, strike, years, vol)) / (spot * vol * Math.sqrt(years));
}

/**
 * Implied volatility by safeguarded Newton steps on the out-of-the-money side's price.
 *
 * @param isCall True for a call, false for a put.
 * @param price Option price, dollars.
 * @param spot Underlying price, dollars.
 * @param strike Strike, dollars.
 * @param years Time to expiry, years, > 0.
 * @param bounds Lowest and highest volatility.
 * @returns The volatility, or NaN if the price is not attained within the bounds. Never clipped.
 */
export function impliedVol(
  isCall: boolean,
  price: number,
  spot: number,
  strike: number,
  years: number,
  bounds: { min: number; max: number },
): number {
  let low = bounds.min, high = bounds.max;
  if (!(price >= optionPrice(isCall, spot, strike, years, low))) return NaN;
  if (!(price <= optionPrice(isCall, spot, strike, years, high))) return NaN;
  const root = Math.sqrt(years);
  let vol = Math.min(high, Math.max(low, Math.sqrt(2 * Math.abs(Math.log(spot / strike)) / years) || 0.2));
  for (let i = 0; i < 100; i++) {
    const miss = optionPrice(isCall, spot, strike, years, vol) - price;
    if (Math.abs(miss) < 1e-13) return vol;
    if (miss > 0) high = vol;
    else low = vol;
    const vega = spot * normalPdf(d1(spot, strike, years, vol)) * root;
    let next = vol - miss / vega;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - vol) < 1e-12 * vol) return next;
    vol = next;
  }
  return vol;
}
