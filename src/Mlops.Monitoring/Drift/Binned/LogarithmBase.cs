namespace Mlops.Monitoring;

/// <summary>The base of a logarithm, and so the unit of information.</summary>
public enum LogarithmBase
{
    /// <summary>Base 2: bits.</summary>
    Two,

    /// <summary>Base e: nats, of which a bit has 0.693.</summary>
    E,
}
