namespace Mlops.Monitoring;

/// <summary>Watches a stream of numbers and tells when it changes.</summary>
/// <remarks>
/// Not safe for concurrent use. Deterministic: the same values give the same states. Values that are not finite are ignored.
/// After <see cref="DriftState.Drift"/> it goes on with the next value and needs no reset.
/// </remarks>
public interface IDriftDetector
{
    /// <summary>Takes in a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>What the detector says now; <see cref="DriftState.Stable"/> for a value that is not finite.</returns>
    DriftState Update(double value);

    /// <summary>Forgets everything.</summary>
    void Reset();

    /// <summary>Saves what the detector knows.</summary>
    /// <returns>The state, which later updates do not change.</returns>
    DetectorState Save();

    /// <summary>Goes on from a saved state: from then on the decisions are those of the detector that saved it.</summary>
    /// <param name="state">The state, of a detector of the same kind and settings.</param>
    /// <exception cref="ArgumentException">The state is of another kind or damaged.</exception>
    void Restore(DetectorState state);
}
