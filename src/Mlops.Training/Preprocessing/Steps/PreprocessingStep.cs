using System.Globalization;

namespace Mlops.Training;

/// <summary>One thing that is done with a column on its way to features: one of the steps of this namespace. Immutable.</summary>
public abstract record PreprocessingStep
{
    private protected PreprocessingStep()
    {
    }

    /// <summary>Throws when a parameter is out of its range.</summary>
    internal virtual void Check()
    {
    }

    /// <summary>Describes the step in a few words, in the invariant culture, as in the params of a run.</summary>
    /// <returns>The description.</returns>
    public abstract override string ToString();

    private protected static string Describe(string name, params IEnumerable<string?> settings)
    {
        var given = string.Join(", ", settings.Where(setting => setting is not null));
        return given.Length == 0 ? name : $"{name}({given})";
    }

    private protected static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private protected static void CheckQuantiles(double lower, double upper)
    {
        if (!(lower >= 0)) throw new ArgumentOutOfRangeException(nameof(lower), lower, "The lower quantile must be 0 or more.");
        if (!(upper <= 1 && upper > lower)) throw new ArgumentOutOfRangeException(nameof(upper), upper, "The upper quantile must be above the lower one, and 1 or less.");
    }
}
