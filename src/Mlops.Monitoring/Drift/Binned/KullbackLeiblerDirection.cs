namespace Mlops.Monitoring;

/// <summary>From which of two samples the Kullback–Leibler divergence looks at the other.</summary>
public enum KullbackLeiblerDirection
{
    /// <summary>Σ q ln(q/p): what is lost when the current data (shares q) are described by the reference (shares p). Large where something new has come.</summary>
    CurrentByReference,

    /// <summary>Σ p ln(p/q): what is lost when the reference is described by the current data. Large where something has gone.</summary>
    ReferenceByCurrent,
}
