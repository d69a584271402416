namespace Mlops.Serving;

/// <summary>Why a generation must not serve.</summary>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="IsTransient">Whether it may pass when it is tried again.</param>
internal sealed record CheckFailure(string Reason, bool IsTransient = false);
