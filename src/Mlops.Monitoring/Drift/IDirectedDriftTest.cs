namespace Mlops.Monitoring;

/// <summary>A drift test that can look in one direction only, which its reasons then say.</summary>
internal interface IDirectedDriftTest
{
    Alternative Alternative { get; }
}
