namespace Mlops.Profiles;

/// <summary>The estimates of a HyperLogLog sketch and their bounds.</summary>
/// <remarks>
/// Source: constants of Apache DataSketches' HLL sketch: the relative errors are quantiles of measured errors up to 2^12 registers and
/// normal approximations beyond, the crossing from linear counting to the corrected raw estimate is measured.
/// </remarks>
internal static class HllEstimation
{
    private const double CouponRelativeError = 0.409 / (1 << 13);
    private const double HistoricFactor = 0.8325546;
    private const double MergedFactor = 1.03896;
    private const double EulerMascheroni = 0.577215664901532860606512090082;

    // Estimates for numbers of distinct coupons of 26 address bits.
    private static ReadOnlySpan<double> CouponCounts =>
    [
        0, 1, 20, 400, 8000, 160000, 300000, 600000, 900000, 1200000, 1500000, 1800000, 2100000, 2400000, 2700000, 3000000, 3300000, 3600000, 3900000, 4200000,
        4500000, 4800000, 5100000, 5400000, 5700000, 6000000, 6300000, 6600000, 6900000, 7200000, 7500000, 7800000, 8100000, 8400000, 8700000, 9000000, 9300000,
        9600000, 9900000, 10200000,
    ];

    private static ReadOnlySpan<double> CouponEstimates =>
    [
        0, 1, 20.0000009437402611, 400.0003963713384110,
        8000.1589294602090376, 160063.6067763759638183, 300223.7071597663452849, 600895.5933856170158833,
        902016.8065120954997838, 1203588.4983199508860707, 1505611.8245524743106216, 1808087.9449319066479802,
        2111018.0231759352609515, 2414403.2270142501220107, 2718244.7282051891088486, 3022543.7025524540804327,
        3327301.3299219091422856, 3632518.7942584538832307, 3938197.2836029687896371, 4244337.9901093561202288,
        4550942.1100616492331028, 4858010.8438911894336343, 5165545.3961938973516226, 5473546.9757476449012756,
        5782016.7955296505242586, 6090956.0727340159937739, 6400366.0287892958149314, 6710247.8893762007355690,
        7020602.8844453142955899, 7331432.2482349723577499, 7642737.2192891482263803, 7954519.0404754765331745,
        8266778.9590033423155546, 8579518.2264420464634895, 8892738.0987390466034412, 9206439.8362383283674717,
        9520624.7036988288164139, 9835293.9703129194676876, 10150448.9097250290215015, 10466090.8000503256917000,
    ];

    // For 2^4 to 2^12 registers: below by 1, 2, 3 standard deviations, above by 1, 2, 3, from the historic estimate.
    private static ReadOnlySpan<double> HistoricErrors =>
    [
        0.207316195, 0.502865572, 0.882303765, -0.207805347, -0.355574279, -0.475535095,
        0.146981579, 0.335426881, 0.557052, -0.146988328, -0.262390832, -0.360864026,
        0.104026721, 0.227683872, 0.365888317, -0.103877775, -0.191503663, -0.269311582,
        0.073614601, 0.156781585, 0.245740374, -0.073452978, -0.138513438, -0.198487447,
        0.05205248, 0.108783763, 0.168030442, -0.051982806, -0.099703123, -0.144128618,
        0.036770852, 0.075727545, 0.11593785, -0.036768609, -0.07138158, -0.104430324,
        0.025990219, 0.053145536, 0.080772263, -0.025991325, -0.050854296, -0.0748143,
        0.018373987, 0.037266176, 0.056271814, -0.01834533, -0.036121138, -0.05327616,
        0.012936253, 0.02613829, 0.039387631, -0.012920332, -0.025572893, -0.037896952,
    ];

    // The same from the composite estimate.
    private static ReadOnlySpan<double> CompositeErrors =>
    [
        0.254409839, 0.682266712, 1.304022158, -0.256980172, -0.411905944, -0.52651057,
        0.181817353, 0.443389054, 0.778776219, -0.182332109, -0.310275547, -0.412660505,
        0.129432281, 0.295782195, 0.49252279, -0.129314228, -0.230142294, -0.315636197,
        0.091640655, 0.201175925, 0.323664385, -0.091584836, -0.16834013, -0.236346847,
        0.064858051, 0.138523393, 0.218805328, -0.06487411, -0.122045231, -0.174112107,
        0.045851855, 0.095925072, 0.148635751, -0.04591465, -0.08784505, -0.126917615,
        0.032454144, 0.067009668, 0.102660669, -0.032433119, -0.062897613, -0.091862929,
        0.022921382, 0.046868565, 0.071307398, -0.022960633, -0.044875401, -0.065736049,
        0.016155679, 0.032825719, 0.049677541, -0.016186662, -0.031827816, -0.046973459,
    ];

    /// <summary>Estimates from a number of distinct coupons.</summary>
    internal static double FromCoupons(int count) => Math.Max(count, InterpolateCoupons(count));

    /// <summary>Bounds the number from a number of distinct coupons.</summary>
    /// <param name="count">The number of coupons.</param>
    /// <param name="standardDeviations">How far: negative below, positive above.</param>
    internal static double BoundFromCoupons(int count, int standardDeviations)
        => Math.Max(count, InterpolateCoupons(count) / (1 - (standardDeviations * CouponRelativeError)));

    /// <summary>Gets the relative error e with which estimate / (1 + e) is the bound.</summary>
    internal static double RelativeError(bool isUpper, bool isMerged, int lgK, int standardDeviations)
    {
        if (lgK > 12) return (isUpper ? -1 : 1) * (standardDeviations * (isMerged ? MergedFactor : HistoricFactor)) / Math.Sqrt(1 << lgK);
        var index = ((lgK - 4) * 6) + (isUpper ? 3 : 0) + standardDeviations - 1;
        return isMerged ? CompositeErrors[index] : HistoricErrors[index];
    }

    /// <summary>Estimates from the registers alone: linear counting when few were hit, the raw estimate with its measured bias removed otherwise.</summary>
    internal static double Composite(HllRegisters registers)
    {
        var lgK = registers.LgK;
        double k = 1 << lgK;
        var factor = lgK switch { 4 => 0.673, 5 => 0.697, 6 => 0.709, _ => 0.7213 / (1 + (1.079 / k)) };
        var raw = factor * k * k / (registers.LowSum + registers.HighSum);
        var table = HllCompositeTable.GetRawEstimates(lgK);
        var stride = HllCompositeTable.GetStride(lgK);
        if (raw < table[0]) return 0;
        if (raw > table[^1]) return raw * (stride * (table.Length - 1) / table[^1]);
        var corrected = InterpolateStride(table, stride, raw);
        if (corrected > 3 * k) return corrected;
        var linear = LinearCount(1 << lgK, registers.Zeros);
        // Comparing the average of the two biases the choice less than comparing either.
        var crossing = lgK switch { 4 => 0.718, 5 => 0.672, _ => 0.64 };
        return (corrected + linear) / 2 > crossing * k ? corrected : linear;
    }

    /// <summary>Estimates from the number of registers that were never hit (coupon collector).</summary>
    private static double LinearCount(int k, int zeros)
        => zeros == 0 ? k * Math.Log(k / 0.5) : k * (HarmonicNumber(k) - HarmonicNumber(zeros));

    private static double HarmonicNumber(int n)
    {
        if (n < 25)
        {
            // From the smallest term, for the least rounding.
            var exact = 0.0;
            for (var i = n; i > 0; i--) exact += 1.0 / i;
            return exact;
        }

        double x = n;
        var square = 1 / (x * x);
        return Math.Log(x) + EulerMascheroni + (1 / (2 * x)) - (square * ((1.0 / 12) - (square * ((1.0 / 120) - (square * ((1.0 / 252) - (square / 240)))))));
    }

    private static double InterpolateCoupons(double count)
    {
        var index = FirstOfFour(CouponCounts, count);
        return index < 0 ? CouponEstimates[^1] : Cubic(CouponCounts.Slice(index, 4), CouponEstimates.Slice(index, 4), count);
    }

    private static double InterpolateStride(ReadOnlySpan<double> table, double stride, double raw)
    {
        var index = FirstOfFour(table, raw);
        if (index < 0) return stride * (table.Length - 1);
        return Cubic(table.Slice(index, 4), [stride * index, stride * (index + 1), stride * (index + 2), stride * (index + 3)], raw);
    }

    /// <summary>Gets where the four points around a value start; −1 at the end of the table.</summary>
    private static int FirstOfFour(ReadOnlySpan<double> table, double x)
    {
        if (x >= table[^1]) return -1;
        var found = table.BinarySearch(x);
        var below = found >= 0 ? found : ~found - 1;
        return Math.Clamp(below - 1, 0, table.Length - 4);
    }

    /// <summary>Lagrange's polynomial through four points.</summary>
    private static double Cubic(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double at)
    {
        var sum = 0.0;
        for (var i = 0; i < 4; i++)
        {
            var numerator = 1.0;
            var denominator = 1.0;
            for (var j = 0; j < 4; j++)
            {
                if (j == i) continue;
                numerator *= at - x[j];
                denominator *= x[i] - x[j];
            }

            sum += y[i] * numerator / denominator;
        }

        return sum;
    }
}
