using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Gives each evaluation of a series its significance, so that all of them together keep a promise about false alarms.</summary>
/// <remarks>
/// <para>A pure function of the number of the evaluation and of the earlier alarms (<see cref="AlphaSpendingState"/>). Every evaluation looks at new data, so there is nothing to be won from
/// correlated looks: the increments of a spending function are themselves the significances, and their sum bounds the probability of any false alarm. Thread-safe: unchangeable.</para>
/// <para><see cref="Constant(double)"/>: the same for ever. <see cref="Pocock(double, int)"/> and <see cref="OBrienFleming(double, int)"/> spend a total over a number of looks, the former nearly evenly,
/// the latter most of it at the end; then they begin anew. <see cref="Lord"/> bounds the expected share of false alarms among all alarms, over any number of evaluations: significance falls while nothing happens,
/// and alarms earn it back.</para>
/// <para>Sources: K. K. G. Lan, D. L. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983); A. Javanmard, A. Montanari, "Online rules for control of false discovery rate and
/// false discovery exceedance" (2018); A. Ramdas, F. Yang, M. J. Wainwright, M. I. Jordan, "Online control of the false discovery rate with decaying memory" (2017) for LORD++.</para>
/// </remarks>
/// <example><code>
/// var spending = AlphaSpending.Pocock(FalseAlarmBudget.PerMonth(1), TimeSpan.FromDays(1));
/// var significance = spending.GetSignificance(state);
/// state = state.Next(hasAlarmed);
/// </code></example>
public sealed class AlphaSpending
{
    /// <summary>The smallest significance that is given out: the first looks of O'Brien and Fleming would round to none.</summary>
    private const double SmallestSignificance = 1e-300;

    /// <summary>The share of the total that LORD++ starts with.</summary>
    private const double LordStart = 0.5;

    /// <summary>Makes the series of <see cref="GetDiscount"/> sum to just below 1: the constant that Javanmard and Montanari give.</summary>
    private const double LordNormalizer = 0.07720838;

    private readonly Func<AlphaSpendingState, double> _getSignificance;
    private readonly string _description;

    private AlphaSpending(string description, Func<AlphaSpendingState, double> getSignificance) => (_description, _getSignificance) = (description, getSignificance);

    /// <summary>Gives every evaluation the same.</summary>
    /// <param name="significance">The significance of each, above 0 and below 1.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending Constant(double significance)
    {
        Require(significance);
        return new AlphaSpending(string.Create(CultureInfo.InvariantCulture, $"{significance:0.######} each"), _ => significance);
    }

    /// <summary>Gives every evaluation the same, so that a budget is kept.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending Constant(FalseAlarmBudget budget, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return Constant(budget.GetSignificance(interval));
    }

    /// <summary>Spends a total nearly evenly over a number of looks: α ln(1 + (e − 1)t) by the share t of them, S. J. Pocock's shape.</summary>
    /// <param name="significance">The probability of any false alarm in all looks together, above 0 and below 1.</param>
    /// <param name="looks">The number of looks, ≥ 1; the next look begins anew.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending Pocock(double significance, int looks)
    {
        Require(significance);
        return Spend("Pocock", significance, looks, t => significance * Accurate.LogOnePlus((Math.E - 1) * t));
    }

    /// <summary>Spends a budget nearly evenly.</summary>
    /// <param name="budget">The budget; one of more than half an alarm is spent in parts of the period, each with at most half an alarm.</param>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending Pocock(FalseAlarmBudget budget, TimeSpan interval)
    {
        var (significance, looks) = Divide(budget, interval);
        return Pocock(significance, looks);
    }

    /// <summary>Spends little of a total at first and most of it at the end: 2(1 − Φ(z/√t)) by the share t of the looks, with 2(1 − Φ(z)) = α, the shape of P. C. O'Brien and T. R. Fleming.</summary>
    /// <param name="significance">The probability of any false alarm in all looks together, above 0 and below 1.</param>
    /// <param name="looks">The number of looks, ≥ 1; the next look begins anew.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending OBrienFleming(double significance, int looks)
    {
        Require(significance);
        var z = NormalDistribution.UpperQuantile(significance / 2);
        return Spend("O'Brien-Fleming", significance, looks, t => t <= 0 ? 0 : NormalDistribution.TwoSidedTail(z / Math.Sqrt(t)));
    }

    /// <summary>Spends little of a budget at first and most of it at the end.</summary>
    /// <param name="budget">The budget; one of more than half an alarm is spent in parts of the period, each with at most half an alarm.</param>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending OBrienFleming(FalseAlarmBudget budget, TimeSpan interval)
    {
        var (significance, looks) = Divide(budget, interval);
        return OBrienFleming(significance, looks);
    }

    /// <summary>Bounds the expected share of false alarms among all alarms, over any number of evaluations (LORD++).</summary>
    /// <remarks>It needs p-values that do not depend on each other; evaluations against one fixed reference share its chance, which a reference much larger than a chunk keeps small.</remarks>
    /// <param name="falseDiscoveryRate">The expected share of false alarms, above 0 and below 1.</param>
    /// <returns>The spending.</returns>
    public static AlphaSpending Lord(double falseDiscoveryRate)
    {
        Require(falseDiscoveryRate);
        return new AlphaSpending(string.Create(CultureInfo.InvariantCulture, $"LORD++ at a false discovery rate of {falseDiscoveryRate:0.####}"), state =>
        {
            var now = state.Evaluations + 1;
            var start = LordStart * falseDiscoveryRate;
            var significance = GetDiscount(now) * start;
            for (var i = 0; i < state.Alarms.Count; i++) significance += GetDiscount(now - state.Alarms[i]) * (i == 0 ? falseDiscoveryRate - start : falseDiscoveryRate);
            return significance;
        });
    }

    /// <summary>Gets the significance of the next evaluation.</summary>
    /// <param name="state">What has been before.</param>
    /// <returns>The significance, above 0 and below 1.</returns>
    public double GetSignificance(AlphaSpendingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Math.Max(SmallestSignificance, _getSignificance(state));
    }

    /// <summary>Describes the spending in a few words, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => _description;

    /// <summary>Gets the weight of the evaluation that is so many after an alarm: log(j ∨ 2)/(j e^√log j), scaled so that all sum to at most 1.</summary>
    internal static double GetDiscount(long distance) => distance < 1 ? 0 : LordNormalizer * Math.Log(Math.Max(distance, 2)) / (distance * Math.Exp(Math.Sqrt(Math.Log(distance))));

    private static AlphaSpending Spend(string name, double significance, int looks, Func<double, double> getSpent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        return new AlphaSpending(string.Create(CultureInfo.InvariantCulture, $"{name}: {significance:0.######} over {looks} looks"), state =>
        {
            var look = state.Evaluations % looks;
            return getSpent((look + 1.0) / looks) - getSpent((double)look / looks);
        });
    }

    private static (double Significance, int Looks) Divide(FalseAlarmBudget budget, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var evaluations = budget.GetEvaluations(interval);
        var parts = Math.Max(1, Math.Ceiling(budget.Alarms / FalseAlarmBudget.MaximumSignificance));
        var looks = (int)Math.Clamp(Math.Round(evaluations / parts), 1, int.MaxValue);
        return (Math.Min(FalseAlarmBudget.MaximumSignificance, budget.Alarms * looks / evaluations), looks);
    }

    private static void Require(double significance)
    {
        if (!(significance is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(significance), significance, "The significance lies between 0 and 1.");
    }
}
