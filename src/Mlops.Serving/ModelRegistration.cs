using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A model that the application hosts, and what its typed callers demand of it.</summary>
internal sealed record ModelRegistration(string Name, ModelUri Uri, ModelSignature? Contract, HostedModelOptions Options);
