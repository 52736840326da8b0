"""Every provider that a contract may name. Keep them few."""

from collections.abc import Mapping

from workflows_app.providers.anomaly_scan import AnomalyScan
from workflows_app.providers.anomaly_weeks import AnomalyWeeks
from workflows_app.providers.base import Provider
from workflows_app.providers.quote_pricing import QuotePricing
from workflows_app.providers.same_customers import SameCustomers

PROVIDERS: Mapping[str, Provider] = {
    provider.spec.name: provider for provider in (AnomalyScan(), AnomalyWeeks(), QuotePricing(), SameCustomers())
}
